#include "simulators/kind.h"

/* Odometry first; then what one looks for first in a robot, so that a small number of topics is
 * still a cross-section. */
const struct kind kinds[] = {
    {"odom", "nav_msgs/Odometry", 50, true, write_odometry},
    {"imu/data", "sensor_msgs/Imu", 50, false, write_imu},
    {"lidar/scan", "sensor_msgs/LaserScan", 10, false, write_laser_scan},
    {"battery/state", "sensor_msgs/BatteryState", 1, false, write_battery_state},
    {"camera/image_raw/compressed", "sensor_msgs/CompressedImage", 5, false,
     write_compressed_image},
    {"/tf", "tf2_msgs/TFMessage", 20, true, write_tf},
    {"/diagnostics", "diagnostic_msgs/DiagnosticArray", 1, true, write_diagnostics},
    {"joint_states", "sensor_msgs/JointState", 20, false, write_joint_state},
    {"gps/fix", "sensor_msgs/NavSatFix", 5, false, write_nav_sat_fix},
    {"cmd_vel", "geometry_msgs/Twist", 10, false, write_twist},
    {"status/text", "std_msgs/String", 1, false, write_string},
    {"sonar/range", "sensor_msgs/Range", 10, false, write_range},
    {"motor/temperature", "sensor_msgs/Temperature", 1, false, write_temperature},
    {"localization/pose", "geometry_msgs/PoseWithCovarianceStamped", 10, false,
     write_pose_with_covariance_stamped},
    {"camera/image_raw", "sensor_msgs/Image", 2, false, write_image},
    {"camera/camera_info", "sensor_msgs/CameraInfo", 2, false, write_camera_info},
    {"emergency_stop/pressed", "std_msgs/Bool", 2, false, write_bool},
    {"imu/mag", "sensor_msgs/MagneticField", 20, false, write_magnetic_field},
    {"map/occupancy", "nav_msgs/OccupancyGrid", 0.2, false, write_occupancy_grid},
    {"plan/path", "nav_msgs/Path", 1, false, write_path},
    {"plan/footprint", "geometry_msgs/PolygonStamped", 1, false, write_polygon_stamped},
    {"plan/goal", "geometry_msgs/PoseStamped", 1, false, write_pose_stamped},
    {"velocity/measured", "geometry_msgs/TwistStamped", 20, false, write_twist_stamped},
    {"acceleration/measured", "geometry_msgs/AccelStamped", 20, false, write_accel_stamped},
    {"gripper/wrench", "geometry_msgs/WrenchStamped", 10, false, write_wrench_stamped},
    {"gravity/vector", "geometry_msgs/Vector3Stamped", 5, false, write_vector_stamped},
    {"target/point", "geometry_msgs/PointStamped", 2, false, write_vector_stamped},
    {"planar/pose", "geometry_msgs/Pose2D", 5, false, write_pose2d},
    {"barometer/pressure", "sensor_msgs/FluidPressure", 5, false, write_fluid_pressure},
    {"weather/humidity", "sensor_msgs/RelativeHumidity", 1, false, write_relative_humidity},
    {"weather/light", "sensor_msgs/Illuminance", 1, false, write_illuminance},
    {"gps/time", "sensor_msgs/TimeReference", 1, false, write_time_reference},
    {"joystick/joy", "sensor_msgs/Joy", 10, false, write_joy},
    {"motor/speed", "std_msgs/Float64", 10, false, write_float64},
    {"motor/current", "std_msgs/Float32", 10, false, write_float32},
    {"encoder/ticks", "std_msgs/Int64", 10, false, write_64_bits},
    {"encoder/count", "std_msgs/UInt64", 10, false, write_64_bits},
    {"encoder/delta", "std_msgs/Int32", 10, false, write_32_bits},
    {"radio/packets", "std_msgs/UInt32", 1, false, write_32_bits},
    {"radio/level", "std_msgs/Int16", 1, false, write_16_bits},
    {"bumper/pressure", "std_msgs/UInt16", 5, false, write_16_bits},
    {"gear/position", "std_msgs/Int8", 1, false, write_8_bits},
    {"fan/duty", "std_msgs/UInt8", 1, false, write_8_bits},
    {"mode/byte", "std_msgs/Byte", 1, false, write_8_bits},
    {"mode/char", "std_msgs/Char", 1, false, write_8_bits},
    {"clock/time", "std_msgs/Time", 1, false, write_time},
    {"clock/uptime", "std_msgs/Duration", 1, false, write_time},
    {"heartbeat/beat", "std_msgs/Empty", 1, false, write_empty},
    {"lamp/color", "std_msgs/ColorRGBA", 1, false, write_color},
    {"arm/efforts", "std_msgs/Float32MultiArray", 5, false, write_float32_array},
    {"arm/positions", "std_msgs/Float64MultiArray", 5, false, write_float64_array},
    {"arm/steps", "std_msgs/Int32MultiArray", 5, false, write_int32_array},
    {"bus/frame", "std_msgs/UInt8MultiArray", 5, false, write_uint8_array},
};

const size_t kind_count = sizeof kinds / sizeof *kinds;

void put_frame(struct serial_writer *writer, const struct moment *moment, const char *frame)
{
    size_t robot = strlen(moment->robot), rest = strlen(frame);
    put_count(writer, robot + 1 + rest);
    put_bytes(writer, moment->robot, robot);
    put_bytes(writer, "/", 1);
    put_bytes(writer, frame, rest);
}

void put_header(struct serial_writer *writer, const struct moment *moment, const char *frame)
{
    put_u32(writer, moment->seq);
    put_time(writer, moment->stamp);
    put_frame(writer, moment, frame);
}
