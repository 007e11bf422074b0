"""What mkdocs-jupyter makes of a notebook becomes a page like any other, and nothing gets lost."""

import pytest

from mkdocs_claims.rendering.notebooks import plain

FRAME = (
    '<script>function copied() {}</script><script src=""> </script>'
    '<script type="text/x-mathjax-config">init()</script><style>.jp-Cell { color: red }</style>'
    '<div class="jupyter-wrapper">\n<div class="jp-Notebook">{}</div></div>'
    " <!-- jupyter-wrapper -->\n<style>.highlight { color: red }</style>"
)
PROSE = (
    '<div class="jp-Cell jp-MarkdownCell" id="cell-id=title"><div class="jp-InputPrompt"></div>'
    '<div class="jp-RenderedMarkdown">{}</div></div>'
)
CODE = (
    '<div class="jp-Cell jp-CodeCell"><div class="jp-Cell jp-CodeCell" id="cell-id=code">'
    '<div class="jp-InputPrompt">In [1]:</div><div class="CodeMirror cm-s-jupyter">'
    '<div class="zeroclipboard-container"><clipboard-copy>Copied!</clipboard-copy></div>'
    '<div class="highlight-ipynb hl-python"><pre><span></span><span class="mi">1</span> + 2</pre>'
    '</div><div class="clipboard-copy-txt" id="cell-1">1 + 2</div></div>'
    '<div class="jp-OutputPrompt">Out[1]:</div>{}</div></div>'
)
OUTPUT = '<div class="{} jp-OutputArea-output" data-mime-type="{}" tabindex="0">{}</div>'
SHOWN = (
    '<div class="claims-example"><div class="language-python highlight"><pre><code><span></span>'
    '<span class="mi">1</span> + 2</code></pre></div>{}</div>'
)


def page_of(*cells: str) -> str:
    """Return what becomes of cells."""
    return plain(FRAME.replace("{}", "".join(cells)))


def test_prose_has_no_frame_and_its_headings_have_the_theme_s_links() -> None:
    prose = '<h2 id="a">A<a class="anchor-link" href="#a">¶</a></h2>\n<p>B &lt; <code>c</code></p>'

    shown = page_of(PROSE.replace("{}", prose))

    assert shown == (
        '<h2 id="a">A<a class="headerlink" href="#a" title="Permanent link">¶</a></h2>\n'
        "<p>B &lt; <code>c</code></p>"
    )


@pytest.mark.parametrize(
    ("output", "below"),
    [
        pytest.param("", "", id="nothing"),
        pytest.param(
            OUTPUT.format("jp-RenderedText", "text/plain", "<pre>3 &lt; 4</pre>"),
            (
                '<div class="claims-output claims-holds"><span class="claims-label" '
                'data-search-exclude="">Output</span><pre><code>3 &lt; 4</code></pre></div>'
            ),
            id="text",
        ),
        pytest.param(
            OUTPUT.format(
                "jp-RenderedText", "application/vnd.jupyter.stderr", "<pre>careful</pre>"
            ),
            (
                '<div class="claims-output claims-holds"><span class="claims-label" '
                'data-search-exclude="">Standard error</span><pre><code>careful</code></pre></div>'
            ),
            id="an error stream",
        ),
        pytest.param(
            OUTPUT.format("jp-RenderedHTML", "text/html", '\n<svg viewbox="0 0 1 1"></svg>\n'),
            (
                '<figure class="claims-picture" data-search-exclude="">\n'
                '<svg viewbox="0 0 1 1"></svg>\n</figure>'
            ),
            id="a drawing",
        ),
        pytest.param(
            OUTPUT.format("jp-RenderedImage", "", '<img alt="a" src="data:image/png;base64,AA"/>'),
            (
                '<figure class="claims-picture" data-search-exclude="">'
                '<img alt="a" src="data:image/png;base64,AA"/></figure>'
            ),
            id="an image",
        ),
        pytest.param(
            OUTPUT.format(
                "jp-RenderedHTML",
                "text/html",
                '<style scoped="">a {}</style><table class="dataframe" border="1"></table>',
            ),
            '<div class="claims-output claims-holds"><table></table></div>',
            id="a table of pandas",
        ),
        pytest.param(
            OUTPUT.format("jp-RenderedHTML", "text/html", "<b>bold</b><script>a < b</script>"),
            '<div class="claims-output claims-holds"><b>bold</b><script>a < b</script></div>',
            id="anything else",
        ),
    ],
)
def test_code_and_what_it_gave_look_as_below_an_example(output: str, below: str) -> None:
    assert SHOWN.replace("{}", below) == page_of(CODE.replace("{}", output))


def test_a_cell_whose_code_is_hidden_keeps_its_output() -> None:
    output = OUTPUT.format("jp-RenderedText", "text/plain", "<pre>3</pre>")
    start, end = CODE.index('<div class="CodeMirror'), CODE.index('<div class="jp-OutputPrompt')

    shown = page_of((CODE[:start] + CODE[end:]).replace("{}", output))

    assert shown.startswith('<div class="claims-example"><div class="claims-output claims-holds">')


def test_a_block_of_code_in_prose_gets_the_theme_s_copy_button() -> None:
    block = '<div class="highlight"><pre><span></span><span class="n">ls</span></pre></div>'

    assert page_of(PROSE.replace("{}", block)) == (
        '<div class="highlight"><pre><code><span></span><span class="n">ls</span></code></pre>'
        "</div>"
    )


def test_scripts_for_formulas_stay_where_the_author_named_one() -> None:
    named = FRAME.replace('src=""', 'src="../mathjax.js"').replace("{}", "<p>$x$</p>")

    assert plain(named) == (
        '<script src="../mathjax.js"> </script>'
        '<script type="text/x-mathjax-config">init()</script><p>$x$</p>'
    )


def test_what_no_one_knows_is_left_alone() -> None:
    assert plain("<p>Another plugin's page.</p>") == "<p>Another plugin's page.</p>"
