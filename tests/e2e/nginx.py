"""docs/nginx.conf, run for real: its ports, its certificate and its folder are the test's, everything else its own."""

import os
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.e2e.running import free_port

ROOT = Path(__file__).parents[2]
CONF = ROOT / "docs" / "nginx.conf"
PLACES = ("/usr/sbin/nginx", ROOT / ".nginx" / "usr" / "sbin" / "nginx")
AROUND = """
{user}
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log info;
events {{ worker_connections 256; }}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{conf}
}}
"""


def nginx_path():
    """The nginx of this machine, or the one that setup.sh unpacked; None where there is none."""
    return shutil.which("nginx") or next((str(place) for place in PLACES if Path(place).exists()), None)


class Nginx:
    """The file in docs/, before the Sluice on that port whose data lie there."""

    def __init__(self, folder, port, data):
        self.folder = folder
        self.folder.mkdir()
        self.port, self.plain_port = free_port(), free_port()
        self.url = f"https://localhost:{self.port}"
        self.certificate = folder / "localhost.pem"
        make_certificate(self.certificate, folder / "localhost.key")
        (folder / "nginx.conf").write_text(self._configuration(port, data))
        self.process = None

    def _configuration(self, port, data):
        conf = CONF.read_text()
        changes = {
            "127.0.0.1:8000": f"127.0.0.1:{port}",
            "listen 443 ssl": f"listen 127.0.0.1:{self.port} ssl",
            "listen [::]:443 ssl": f"listen [::1]:{self.port} ssl",
            "listen 80;": f"listen 127.0.0.1:{self.plain_port};",
            "listen [::]:80;": f"listen [::1]:{self.plain_port};",
            "/etc/letsencrypt/live/VIDEO.EXAMPLE.ORG/fullchain.pem": str(self.certificate),
            "/etc/letsencrypt/live/VIDEO.EXAMPLE.ORG/privkey.pem": str(self.folder / "localhost.key"),
            "VIDEO.EXAMPLE.ORG": "localhost",
            "/var/lib/sluice/": f"{data}/",
        }
        for there, here in changes.items():
            assert there in conf, there
            conf = conf.replace(there, here)
        # Its workers would be nobody, who may not look into a folder for tests.
        user = "user root;" if os.getuid() == 0 else ""
        return AROUND.format(user=user, folder=self.folder, conf=conf)

    def start(self):
        command = [nginx_path(), "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")]
        subprocess.run([*command, "-t", "-q"], check=True, timeout=20)
        with (self.folder / "words").open("ab") as words:
            self.process = subprocess.Popen(command, stdout=words, stderr=words)
        return self

    def stop(self):
        self.process.terminate()
        self.process.wait(20)


def make_certificate(certificate, key):
    """A certificate for localhost, signed by itself."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(private, hashes.SHA256())
    )
    certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    key.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
