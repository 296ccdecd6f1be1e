"""The real clients of the AI SDK (npm), against the real application on a real uvicorn."""
