"""Text in, text out: catalogue, weights store, engines, translator, summarizer."""
