"""Who may do what with which rows: organismes, agents, habilitations, policies."""
