"""The pages of a site as plain Markdown, for whoever reads no HTML, such as a language model."""
