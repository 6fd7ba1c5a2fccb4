"""The operator's pages in a process of their own, so that no answer to a station waits for them.

The node opens the port of people's side and hands it to that process (``process``), which serves the pages and passes
``/api`` on (``passage``) to the API, over a socket between the two. On a second one, the line (``line``), it names the
changes it wants to hear of, and the node tells it of them (``telling``, ``hearing``). By the line either side also sees
that the other has ended.
"""
