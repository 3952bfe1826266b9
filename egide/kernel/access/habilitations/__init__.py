"""Grant, confirm and take back habilitations: the procedure that the CNIL asks for, on screen."""
