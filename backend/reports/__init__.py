"""Reports: self-contained pages, and exports of an evaluation's cells, for every door."""
