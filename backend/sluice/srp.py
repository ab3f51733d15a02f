"""SRP-6a as Cognito speaks it: proof of a password that never travels and is not stored. Pure arithmetic."""

import base64
import hashlib
import hmac
import re

# RFC 3526, group 15 (3072 bits), which Cognito's clients have built in.
N = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F"
    "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510"
    "15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7"
    "ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C"
    "BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
    16,
)
G = 2

_HEX = re.compile(r"[0-9A-Fa-f]{1,776}")


def padded(number: int) -> bytes:
    """The number as the clients hash it: big-endian, with a leading zero byte where the top bit is set."""
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def verifier(pool: str, user_id: str, password: str, salt: int) -> int:
    """What is kept instead of the password; `pool` is the pool's name after its underscore."""
    return pow(G, _private(pool, user_id, password, salt), N)


def public_value(secret: int, verifier: int) -> int:
    """The server's B for its secret b."""
    return (_K * verifier + pow(G, secret, N)) % N


def client_value(text: str) -> int | None:
    """The client's A out of its hexadecimal form; None if it is none, or one that would fix the key."""
    number = int(text, 16) if _HEX.fullmatch(text) else 0
    return number if number % N else None


def shared_key(client_value: int, secret: int, verifier: int) -> bytes:
    """The key that both sides arrive at if the client knows the password."""
    scramble = _hashed(padded(client_value), padded(public_value(secret, verifier)))
    return _derived(scramble, pow(client_value * pow(verifier, scramble, N), secret, N))


def client_key(secret: int, server_value: int, password: str, *, pool: str, user_id: str, salt: int) -> bytes:
    """The same key on the client's side, from its secret a and the server's B."""
    private = _private(pool, user_id, password, salt)
    scramble = _hashed(padded(pow(G, secret, N)), padded(server_value))
    return _derived(scramble, pow(server_value - _K * pow(G, private, N), secret + scramble * private, N))


def signature(key: bytes, pool: str, user_id: str, secret_block: bytes, timestamp: str) -> str:
    """What the client must send to show that it has the key."""
    signed = pool.encode() + user_id.encode() + secret_block + timestamp.encode()
    return base64.b64encode(hmac.digest(key, signed, "sha256")).decode()


def _private(pool: str, user_id: str, password: str, salt: int) -> int:
    return _hashed(padded(salt), hashlib.sha256(f"{pool}{user_id}:{password}".encode()).digest())


def _derived(scramble: int, common: int) -> bytes:
    extracted = hmac.digest(padded(scramble), padded(common), "sha256")
    return hmac.digest(extracted, b"Caldera Derived Key\x01", "sha256")[:16]


def _hashed(*parts: bytes) -> int:
    return int.from_bytes(hashlib.sha256(b"".join(parts)).digest(), "big")


_K = _hashed(padded(N), padded(G))
