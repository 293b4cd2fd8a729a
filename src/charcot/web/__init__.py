"""Web: a thin face in Django; it shows the trial that its server was given."""
