"""How the pages write dates, where the framework's own way is not that of most readers."""
