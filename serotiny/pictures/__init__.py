"""Pictures as PNG, from plain numbers. The only importer of matplotlib; nothing here touches pyplot or its state."""
