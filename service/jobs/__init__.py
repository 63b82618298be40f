"""Archives sent over HTTP: each a job that outlives the process that took it."""
