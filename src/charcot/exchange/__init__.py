"""Exchange: file formats in and out: backups, archives with their stand-alone verification."""
