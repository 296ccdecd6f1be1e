"""An empty bucket for attached files, on a server of moto."""

from collections.abc import Generator
from contextlib import contextmanager
from secrets import token_hex

import httpx2
from moto.server import ThreadedMotoServer


@contextmanager
def bucket() -> Generator[str]:
    """Its address. All buckets of a process share what moto holds, so each has a name of its own."""
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    address = f"http://{host}:{port}/candor-{token_hex(6)}"
    httpx2.put(address).raise_for_status()
    yield address
    moto.stop()


def settings_for(bucket: str) -> dict[str, str]:
    """The settings that name the bucket at this address."""
    server, _, name = bucket.rpartition("/")
    return {
        "aws_s3_bucket_name": name,
        "aws_endpoint_url": server,
        "aws_access_key_id": "key",
        "aws_secret_access_key": "sesame",
    }
