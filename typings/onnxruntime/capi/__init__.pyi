"""The native part of onnxruntime."""
