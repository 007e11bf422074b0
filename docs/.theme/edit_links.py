"""A hook of MkDocs: each page has a link to edit it where a repository is named, and none else."""

from mkdocs.config.defaults import MkDocsConfig


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Forget where pages are edited if nobody said in which repository."""
    if not config.repo_url:
        config.edit_uri = ""
    return config
