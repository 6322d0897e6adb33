-- The truck pipeline's database: mysql < kafka_db.sql. Runs again without harm.
CREATE DATABASE IF NOT EXISTS KAFKA_DB;
USE KAFKA_DB;

-- A row a message; id is the record's @sequence. timestamp in UTC, with its fraction of a second.
-- scripts/schemas makes this one.
-- <schema truck.yaml --as mysql --route truck --table TRUCK_PARAMETER_MAP --auto-increment>
-- The records of Kafka topic truck: kafka_bridge/TruckState of /truck/state.
-- Write with sql_mode NO_AUTO_VALUE_ON_ZERO: the first record's key is 0, which MySQL would
-- replace by a number of its own.
CREATE TABLE IF NOT EXISTS `TRUCK_PARAMETER_MAP` (
    `id` int AUTO_INCREMENT PRIMARY KEY,
    `timestamp` datetime(6),
    `distance_covered` float,
    `engine_speed` float,
    `fuel_consumed` float
) DEFAULT CHARACTER SET utf8mb4;
-- </schema>

-- Pearson's correlation with time_elapsed (seconds since the drive's start) over all points up to
-- this one; NULL where it is not defined. The same ids as above.
CREATE TABLE IF NOT EXISTS TRUCK_DISTANCE_CORRELATION (
    id INT AUTO_INCREMENT PRIMARY KEY,
    distance_covered DOUBLE,
    time_elapsed DOUBLE,
    correlation DOUBLE
);
CREATE TABLE IF NOT EXISTS TRUCK_ENGINE_SPEED_CORRELATION (
    id INT AUTO_INCREMENT PRIMARY KEY,
    engine_speed DOUBLE,
    time_elapsed DOUBLE,
    correlation DOUBLE
);

-- How far the running sums have come: one row, written in the same transaction as the rows above.
-- t is time_elapsed, d distance_covered, s engine_speed; m2 sums of squared distances from the mean,
-- c sums of products of them.
CREATE TABLE IF NOT EXISTS TRUCK_CORRELATION_STATE (
    id TINYINT PRIMARY KEY,
    drive_start DOUBLE NOT NULL,
    last_id INT NOT NULL,
    last_elapsed DOUBLE NOT NULL,
    last_distance DOUBLE NOT NULL,
    last_engine_speed DOUBLE NOT NULL,
    count BIGINT NOT NULL,
    mean_t DOUBLE NOT NULL,
    m2_t DOUBLE NOT NULL,
    mean_d DOUBLE NOT NULL,
    m2_d DOUBLE NOT NULL,
    c_d DOUBLE NOT NULL,
    mean_s DOUBLE NOT NULL,
    m2_s DOUBLE NOT NULL,
    c_s DOUBLE NOT NULL
);

-- A phone's orientation on a drive; roll, pitch, yaw in radians (REP 103). A float cannot hold a Unix
-- time (it steps by 128 s): stamp does. id is the record's @sequence; both may be left out of an
-- INSERT, as in tables without them.
CREATE TABLE IF NOT EXISTS INGESTED_TABLE_1 (
    time FLOAT,
    seconds_elapsed FLOAT,
    qz FLOAT,
    qy FLOAT,
    qx FLOAT,
    qw FLOAT,
    roll FLOAT,
    pitch FLOAT,
    yaw FLOAT,
    id INT AUTO_INCREMENT PRIMARY KEY,
    stamp DOUBLE
);
