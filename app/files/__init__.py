"""Export, the session store, folders: what the app does with files. No Qt."""
