"""What every system owes the person: catalogue, access, trail, conformity."""
