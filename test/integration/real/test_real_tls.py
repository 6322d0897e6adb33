#!/usr/bin/python3
"""TLS with verification of the broker, mutual TLS, and logins over TLS: messages go both ways."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from real_support import run, troubles  # noqa: E402
from tls_support import PASSWORD, SecureBridgeTest  # noqa: E402


class RealTls(SecureBridgeTest):
    def check_both_ways(self, section, environment=None):
        there, back = self.there(section, environment), self.back(section, environment)
        seen = self.seen()
        self.publish(*range(20))
        self.assertEqual([message.data for message in seen.wait(20)], list(range(20)))
        self.assertEqual(self.stop_and_account(there)["delivered"], 20)
        self.assertEqual(self.stop_and_account(back)["published"], 20)
        # The topic is made by the first record, which may come after the consumer.
        found = [line for line in troubles(there) + troubles(back) if "to appear" not in line]
        self.assertEqual(found, [])
        return there, back

    def test_tls(self):
        self.check_both_ways(self.section("tls"))

    def test_mutual_tls(self):
        certificate, key = self.authority.issue("robot")
        section = self.section("mutual", ssl_certificate_location=certificate, ssl_key_location=key)
        self.check_both_ways(section)

    def test_mutual_tls_with_a_locked_key_from_a_file(self):
        certificate, key = self.authority.issue("locked", password="op3n it")
        with open(key, encoding="ascii") as file:
            text = file.read().rstrip("\n")
        section = self.section(
            "mutual",
            ssl_certificate_pem={"file": certificate},
            ssl_key_pem={"file": self.secret(text)},
            ssl_key_password={"file": self.secret("op3n it")},
        )
        self.check_both_ways(section)

    def test_login_with_the_password_from_a_file(self):
        self.check_both_ways(self.section("login"))

    def test_login_with_the_password_from_the_environment(self):
        section = self.section("login", sasl_password={"env": "TEST_PASSWORD"})
        self.check_both_ways(section, {"TEST_PASSWORD": PASSWORD})

    def test_login_with_the_password_in_the_configuration(self):
        for process in self.check_both_ways(self.section("login", sasl_password=PASSWORD)):
            self.assertNotIn(PASSWORD, process.text)


if __name__ == "__main__":
    run(RealTls)
