"""Certificates for tests, made with openssl into a directory of the test's own."""

import os
import subprocess

LOOPBACK = "IP:127.0.0.1,DNS:localhost"


class Authority:
    """A certificate authority; `certificate` is the path of its certificate."""

    def __init__(self, directory, name):
        self.name = name
        self._directory = directory
        self.certificate = self._path(name + ".pem")
        self._key = self._path(name + ".key")
        self._openssl(
            "req -x509 -days 2 -addext basicConstraints=critical,CA:TRUE "
            "-addext keyUsage=critical,keyCertSign,cRLSign",
            *self._new_key(name, self._key),
            "-out",
            self.certificate,
        )

    def issue(self, name, hosts=LOOPBACK, days=2, password=None):
        """A certificate for `name` that is right for `hosts`: the paths of both files. With
        days=-1 it has expired."""
        key, request, certificate = (
            self._path("%s.%s" % (name, kind)) for kind in ("key", "request", "pem")
        )
        extensions = self._path(name + ".extensions")
        with open(extensions, "w", encoding="ascii") as file:
            file.write("subjectAltName=%s\nextendedKeyUsage=serverAuth,clientAuth\n" % hosts)
        self._openssl("req", *self._new_key(name, key, password), "-out", request)
        self._openssl(
            "x509 -req -CAcreateserial -days %d" % days,
            *("-in", request, "-CA", self.certificate, "-CAkey", self._key),
            *("-extfile", extensions, "-out", certificate),
        )
        return certificate, key

    def server(self, name, **options):
        """The same as one file, key and certificate, as Kafka reads a PEM store."""
        path = self._path(name + ".store.pem")
        parts = reversed(self.issue(name, **options))
        with open(path, "w", encoding="ascii") as store:
            for part in parts:
                with open(part, encoding="ascii") as file:
                    store.write(file.read())
        return path

    def _path(self, name):
        return os.path.join(self._directory, name)

    def _new_key(self, name, path, password=None):
        cipher = ["-passout", "pass:" + password] if password else ["-nodes"]
        return ["-newkey", "rsa:2048", "-keyout", path, "-subj", "/CN=" + name] + cipher

    def _openssl(self, words, *arguments):
        subprocess.run(
            ["openssl"] + words.split() + list(arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=True,
        )
