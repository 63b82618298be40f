"""The diemtin service: news parsing, pipeline, HTTP application and command line."""
