"""On the path of the processes that the tests start where coverage is measured: each of them measures itself."""

import coverage

coverage.process_startup()
