"""Assets by layer: files, warehouse, studies, publication. Each module holds one factory."""
