"""How the tables of the site database came to be."""
