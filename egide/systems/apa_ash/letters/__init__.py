"""The letters to a demandeur or bénéficiaire, each with every mention on one accessible support."""
