"""Match files, downloaded and parsed into one frame; the catalogue of leagues, clubs and aliases."""
