"""Where tests look for a secret that was to be taken out."""
import base64


def forms(secret):
    """How a secret may hide; base64 at each of three places among its characters."""
    raw = secret.encode()
    yield raw
    yield raw.hex().encode()
    yield "".join(f"%{byte:02x}" for byte in raw).encode()
    yield "".join(f"\\u{byte:04x}" for byte in raw).encode()
    for shift in range(3):
        packed = base64.b64encode(b"a" * shift + raw)
        yield packed[(0, 2, 3)[shift]:len(packed) - 4]
