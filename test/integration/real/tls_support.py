"""One broker with a listener for each way in: TLS, mutual TLS, logins over TLS, and listeners whose
certificates are wrong in one way each."""

import os
import shutil
import stat
import sys
import tempfile

from std_msgs.msg import Int64

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from real_support import KafkaBroker, RealBridgeTest, wait_until  # noqa: E402, I001
from certificates import Authority  # noqa: E402

USER = "warty"
PASSWORD = "r1ght, one"  # with a blank and a comma, as passwords may have
LOGIN_MODULE = "org.apache.kafka.common.security.plain.PlainLoginModule"


def tls(store, **more):
    """Kafka's properties of a TLS listener whose key and certificate are in `store`."""
    properties = {
        "security.protocol": "SSL",
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": store,
    }
    return dict(properties, **{name.replace("_", "."): value for name, value in more.items()})


class SecureBridgeTest(RealBridgeTest):
    """The authorities are `authority`, which all trust, and `stranger`; files of the tests are in
    `directory`."""

    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.mkdtemp(prefix="real_tls.")
        cls.authority = Authority(cls.directory, "authority")
        cls.stranger = Authority(cls.directory, "stranger")
        cls.server = KafkaBroker(listeners=cls.listeners()).start()

    @classmethod
    def tearDownClass(cls):
        cls.server.close()
        shutil.rmtree(cls.directory)

    @classmethod
    def listeners(cls):
        """{name: Kafka's properties}"""
        right = cls.authority.server("broker")
        trusts = {
            "ssl_client_auth": "required",
            "ssl_truststore_type": "PEM",
            "ssl_truststore_location": cls.authority.certificate,
        }
        login = {
            "security_protocol": "SASL_SSL",
            "sasl_enabled_mechanisms": "PLAIN",
            "plain_sasl_jaas_config": '%s required user_%s="%s";' % (LOGIN_MODULE, USER, PASSWORD),
        }
        return {
            "tls": tls(right),
            "mutual": tls(right, **trusts),
            "login": tls(right, **login),
        }

    def section(self, listener, **properties):
        """`kafka:` for a listener; properties with '_' for '.'."""
        known = {
            "bootstrap.servers": self.server.listener_addresses.get(listener, self.broker),
            "security.protocol": "SSL",
            "ssl.ca.location": self.authority.certificate,
        }
        if listener == "login":
            known.update(
                {
                    "security.protocol": "SASL_SSL",
                    "sasl.mechanism": "PLAIN",
                    "sasl.username": USER,
                    "sasl.password": {"file": self.secret(PASSWORD)},
                }
            )
        known.update({name.replace("_", "."): value for name, value in properties.items()})
        return {name: value for name, value in known.items() if value is not None}

    def secret(self, text, mode=stat.S_IRUSR | stat.S_IWUSR):
        """A file that holds `text` and a line end."""
        file = tempfile.NamedTemporaryFile("w", dir=self.directory, delete=False)
        with file:
            file.write(text + "\n")
        os.chmod(file.name, mode)
        return file.name

    def there(self, section, environment=None):
        """ros_to_kafka with the route /NAME -> NAME."""
        config = {
            "kafka": section,
            "shutdown_timeout": 1,
            "ros_to_kafka": [{"ros_topic": "/" + self.name, "kafka_topic": self.name}],
        }
        started = self.start("ros_to_kafka", config, environment=environment)
        started.expect("(ros_to_kafka[0])")
        return started

    def back(self, section, environment=None):
        """kafka_to_ros with the route NAME -> /seen."""
        route = {
            "kafka_topic": self.name,
            "ros_topic": "/%s_seen" % self.name,
            "ros_type": "std_msgs/Int64",
            "wait_for_subscriber": True,
        }
        config = {"kafka": section, "kafka_to_ros": [route]}
        return self.start("kafka_to_ros", config, name="back", environment=environment)

    def held(self, count):
        """Waits until the spool of ros_to_kafka holds `count` messages."""
        wait_until(lambda: self.totals()["spooled"] == count, what="%d in the spool" % count)

    def seen(self):
        return self.collector("/%s_seen" % self.name, Int64)

    def publish(self, *numbers):
        publisher = self.publisher("/" + self.name, Int64)
        for number in numbers:
            publisher.publish(number)
        return publisher
