"""Elements of HTML and SVG as text."""

import html


def element(name, content, **attributes):
    """content is markup; the values of attributes are not."""
    attributes = "".join(f' {key.rstrip("_").replace("_", "-")}="{html.escape(str(value))}"'
                         for key, value in attributes.items())
    return f"<{name}{attributes}>{content}</{name}>"


def text(name, content, **attributes):
    return element(name, html.escape(str(content)), **attributes)
