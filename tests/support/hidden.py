"""Where tests look for a secret that was to be taken out."""
import base64


def forms(secret):
    """How a secret may hide; base64 at each of three places among its characters."""
    raw = secret.encode()
    yield raw
    yield raw.hex().encode()
    yield "".join(f"%{byte:02x}" for byte in raw).encode()
    yield "".join(f"\\u{byte:04x}" for byte in raw).encode()
    wide = secret.encode("utf-16-le")[:-1]
    yield wide
    yield "\\u0000".join(secret).encode()
    yield from packed_forms(raw)
    yield from packed_forms(wide)
    for inner in packed_forms(raw):
        yield from packed_forms(inner)


def packed_forms(raw):
    for shift in range(3):
        packed = base64.b64encode(b"a" * shift + raw)
        yield packed[(0, 2, 3)[shift]:len(packed) - 4]
