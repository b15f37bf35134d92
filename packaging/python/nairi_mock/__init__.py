"""An offline fake of Nairi's Conversations API, for tests without network, key or bill.

    import nairi_mock

    with nairi_mock.Fake() as fake:  # in this process, without a port
        session = fake.session()  # of requests; or fake.httpx_client()
        turn = session.post(fake.base_url + "/conversations/start",
                            json={"agent_id": "my-agent", "prompt": "Hello"}).json()

    with nairi_mock.serve() as server:  # on a port, for any client
        MyClient(base_url=server.base_url, api_key=server.api_key)

With pytest there is a fixture `nairi`: see the page "In Python tests".
"""

from .controls import Controls, ForKey
from .errors import ControlError, Error, RuleBroken, StartError, WorldError
from .fake import Fake
from .library import Reply, version
from .served import Server, serve
from .verdicts import Evidence, Verdict, Verdicts

__all__ = ["ControlError", "Controls", "Error", "Evidence", "Fake", "ForKey", "Reply",
           "RuleBroken", "Server", "StartError", "Verdict", "Verdicts", "WorldError", "serve",
           "version"]
