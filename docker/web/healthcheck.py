"""Asks the web process for its health as nginx would: over HTTPS, under an allowed name."""

import os
import sys
import urllib.request

host = os.environ["PETRA_ALLOWED_HOSTS"].split(",")[0]
request = urllib.request.Request("http://127.0.0.1:8000/health/", headers={"Host": host, "X-Forwarded-Proto": "https"})
with urllib.request.urlopen(request, timeout=4) as answer:
    sys.exit(0 if answer.status == 200 else 1)
