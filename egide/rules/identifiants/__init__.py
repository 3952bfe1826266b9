"""Public identifiers: NIR and NIA, SIREN and SIRET, FINESS, RPPS."""
