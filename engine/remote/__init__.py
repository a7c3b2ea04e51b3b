"""Any OpenAI-compatible server with vision, as an engine: vLLM, llama.cpp, LM Studio, Ollama."""
