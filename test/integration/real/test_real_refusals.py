#!/usr/bin/python3
"""Brokers and nodes that do not trust each other: both nodes say which of them refuses what and
what would be right, once; and go on by themselves when it was mended."""

import os
import shutil
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from real_support import run, troubles  # noqa: E402
from tls_support import PASSWORD, USER, SecureBridgeTest, tls  # noqa: E402

WRONG = "wr0ng one"


class RealRefusals(SecureBridgeTest):
    @classmethod
    def listeners(cls):
        cls.expired = cls.authority.server("expired", days=-1)
        return dict(
            super().listeners(),
            expired=tls(cls.expired),
            elsewhere=tls(cls.authority.server("elsewhere", hosts="DNS:elsewhere.example")),
        )

    def check(self, section, *words):
        """Both nodes say `words` of the broker that `section` leads to, once a client."""
        there, back = self.there(section), self.back(section)
        self.publish(1)
        for process in (there, back):
            process.expect("Kafka broker %s cannot be reached" % section["bootstrap.servers"])
            for word in words:
                process.expect(word)
        self.held(1)
        there.stop()
        back.stop()
        for process, clients in ((there, 1), (back, 3)):
            self.assertLessEqual(len(troubles(process)), clients, "a flood:\n" + process.text)
            self.assertNotIn(PASSWORD, process.text)
            self.assertNotIn(WRONG, process.text)

    def test_another_authority_is_trusted(self):
        self.check(
            self.section("tls", ssl_ca_location=self.stranger.certificate),
            "its certificate (CN=broker, issued by CN=authority) is not signed by an authority "
            "that this node trusts; set ssl.ca.location",
        )

    def test_no_authority_is_trusted(self):
        self.check(self.section("tls", ssl_ca_location=None), "set ssl.ca.location")

    def test_the_brokers_certificate_has_expired(self):
        self.check(
            self.section("expired"),
            "its certificate (CN=expired) has expired on ",
            "and this machine's clock says ",
        )

    def test_the_brokers_certificate_is_for_another_host(self):
        self.check(
            self.section("elsewhere"),
            "its certificate is not for the host 127.0.0.1 but for DNS:elsewhere.example",
            "ssl.endpoint.identification.algorithm",
        )

    def test_another_host_may_be_let_pass(self):
        there = self.there(self.section("elsewhere", ssl_endpoint_identification_algorithm="none"))
        self.publish(1)
        self.assertEqual(self.settled(1)["delivered"], 1)
        there.stop()

    def test_no_tls_where_the_broker_speaks_it(self):
        self.check(
            {"bootstrap.servers": self.server.listener_addresses["tls"]},
            "it may speak TLS at this port (set security.protocol: SSL or SASL_SSL)",
            "security.protocol is plaintext",
        )

    def test_a_login_without_tls_where_the_broker_speaks_it(self):
        section = self.section("login", security_protocol="SASL_PLAINTEXT", ssl_ca_location=None)
        self.check(section, "it may speak TLS at this port", "security.protocol is SASL_PLAINTEXT")

    def test_tls_where_the_broker_does_not_speak_it(self):
        self.check(
            self.section("CLIENT"),
            "it may not speak TLS at this port (set security.protocol: PLAINTEXT",
            "security.protocol is SSL",
        )

    def test_no_certificate_where_the_broker_asks_for_one(self):
        self.check(
            self.section("mutual"),
            "it asks for a certificate of this node, which has none; set "
            "ssl.certificate.location and ssl.key.location",
        )

    def check_own(self, issued, *words):
        certificate, key = issued
        section = self.section("mutual", ssl_certificate_location=certificate, ssl_key_location=key)
        self.check(section, "it refuses this node's certificate", *words)

    def test_a_certificate_that_the_broker_does_not_trust(self):
        issued = self.stranger.issue("robot")
        self.check_own(issued, "(CN=robot, issued by CN=stranger, valid until")

    def test_a_certificate_of_ours_that_has_expired(self):
        issued = self.authority.issue("late", days=-1)
        self.check_own(issued, "(CN=late, issued by CN=authority, expired on")

    def test_a_wrong_password(self):
        self.check(
            self.section("login", sasl_password={"file": self.secret(WRONG)}),
            "it refuses the login of warty: Authentication failed: Invalid username or password; "
            "look at sasl.username and sasl.password",
        )

    def test_an_unknown_user(self):
        section = self.section("login", sasl_username="nobody")
        self.check(section, "it refuses the login of nobody", "the users that the broker knows")

    def test_another_mechanism(self):
        section = self.section("login", sasl_mechanism="SCRAM-SHA-256")
        self.check(section, "it knows logins by PLAIN only; set sasl.mechanism")

    def test_a_login_where_none_is_taken(self):
        section = self.section("login", bootstrap_servers=self.server.listener_addresses["tls"])
        self.check(section, "it takes no login at this port", "set it to SSL")

    def test_no_login_where_one_is_asked_for(self):
        section = self.section("tls", bootstrap_servers=self.server.listener_addresses["login"])
        self.check(section, "hangs up on a client that does not log in", "SASL_SSL")

    def check_resumes(self, section, refusal, mend):
        """What was published while refused, and after it was mended, arrives: all, in order."""
        there, back = self.there(section), self.back(section)
        seen = self.seen()
        publisher = self.publish(*range(10))
        for process in (there, back):
            process.expect(refusal)
        self.held(10)
        mend()
        for number in range(10, 20):
            publisher.publish(number)
        back.until(lambda: len(seen.messages) >= 20, "20 messages\n" + there.text)
        self.assertEqual([message.data for message in seen.messages], list(range(20)))
        there.expect("Kafka is back")
        self.assertEqual(self.stop_and_account(there)["delivered"], 20)
        self.assertEqual(self.stop_and_account(back)["published"], 20)

    def test_a_certificate_is_renewed(self):
        def mend():
            self.addCleanup(undo)
            shutil.copy(self.authority.server("renewed"), self.expired)
            self.server.restart()

        def undo():
            self.authority.server("expired", days=-1)
            self.server.restart()

        self.check_resumes(self.section("expired"), "has expired on", mend)

    def change_password(self, old, new):
        """Of the broker's user, whom it knows from its start."""
        path = os.path.join(self.server.directory, "server.properties")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        user = 'user_%s="%s"'
        self.assertIn(user % (USER, old), text)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace(user % (USER, old), user % (USER, new)))
        self.server.restart()

    def test_a_password_is_set_right(self):
        def mend():
            self.addCleanup(self.change_password, WRONG, PASSWORD)
            self.change_password(PASSWORD, WRONG)

        section = self.section("login", sasl_password={"file": self.secret(WRONG)})
        self.check_resumes(section, "refuses the login of warty", mend)


if __name__ == "__main__":
    run(RealRefusals)
