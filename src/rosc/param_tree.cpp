#include "param_tree.hpp"

#include <cmath>
#include <ctime>
#include <limits>
#include <new>
#include <stdexcept>
#include <vector>

namespace rosc
{

namespace
{

using XmlRpc::XmlRpcValue;

std::string base64(const std::vector<char> &bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (size_t i = 0; i < bytes.size(); i += 3) {
        unsigned long group = 0;
        for (size_t k = 0; k < 3; k++)
            group =
                group << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0u);
        for (size_t k = 0; k < 4; k++)
            text += i + k > bytes.size() ? '=' : digits[group >> (18 - 6 * k) & 63];
    }
    return text;
}

std::string iso_8601(const std::tm &time)
{
    char text[32];
    const size_t length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &time);
    return std::string(text, length);
}

JsonPtr made(cJSON *json)
{
    if (json == nullptr)
        throw std::bad_alloc();
    return JsonPtr(json);
}

JsonPtr json_at(const XmlRpcValue &value, int depth);

JsonPtr json_from_struct(const XmlRpcValue &value, int depth)
{
    JsonPtr object = made(cJSON_CreateObject());
    for (const auto &member : value) {
        JsonPtr item = json_at(member.second, depth + 1);
        // It returns nothing before cJSON 1.7.13; an item that was added has its name.
        cJSON_AddItemToObject(object.get(), member.first.c_str(), item.get());
        if (item->string == nullptr)
            throw std::bad_alloc();
        (void)item.release();
    }
    return object;
}

JsonPtr json_from_array(const XmlRpcValue &value, int depth)
{
    JsonPtr array = made(cJSON_CreateArray());
    for (int i = 0; i < value.size(); i++) {
        JsonPtr item = json_at(value[i], depth + 1);
        cJSON_AddItemToArray(array.get(), item.get());
        (void)item.release();
    }
    return array;
}

JsonPtr json_at(const XmlRpcValue &value, int depth)
{
    if (depth > CJSON_NESTING_LIMIT)
        throw std::runtime_error("the parameter is nested more than " +
                                 std::to_string(CJSON_NESTING_LIMIT) + " deep");
    switch (value.getType()) {
    case XmlRpcValue::TypeBoolean:
        return made(cJSON_CreateBool(static_cast<const bool &>(value)));
    case XmlRpcValue::TypeInt:
        return made(cJSON_CreateNumber(static_cast<const int &>(value)));
    case XmlRpcValue::TypeDouble:
        return made(cJSON_CreateNumber(static_cast<const double &>(value)));
    case XmlRpcValue::TypeString:
        return made(cJSON_CreateString(static_cast<const std::string &>(value).c_str()));
    case XmlRpcValue::TypeDateTime:
        return made(cJSON_CreateString(iso_8601(static_cast<const std::tm &>(value)).c_str()));
    case XmlRpcValue::TypeBase64:
        return made(cJSON_CreateString(
            base64(static_cast<const XmlRpcValue::BinaryData &>(value)).c_str()));
    case XmlRpcValue::TypeArray:
        return json_from_array(value, depth);
    case XmlRpcValue::TypeStruct:
        return json_from_struct(value, depth);
    case XmlRpcValue::TypeInvalid:
        break;
    }
    return made(cJSON_CreateNull());
}

XmlRpcValue param_from_number(double number)
{
    if (number == std::floor(number) && number >= std::numeric_limits<int>::min() &&
        number <= std::numeric_limits<int>::max())
        return XmlRpcValue(static_cast<int>(number));
    return XmlRpcValue(number);
}

XmlRpcValue param_at(const cJSON &json, const std::string &path)
{
    if (cJSON_IsBool(&json))
        return XmlRpcValue(cJSON_IsTrue(&json) != 0);
    if (cJSON_IsNumber(&json))
        return param_from_number(json.valuedouble);
    if (cJSON_IsString(&json) && json.valuestring != nullptr)
        return XmlRpcValue(std::string(json.valuestring));
    XmlRpcValue value;
    if (cJSON_IsArray(&json)) {
        value.setSize(0);
        int i = 0;
        for (const cJSON *item = json.child; item != nullptr; item = item->next, i++)
            value[i] = param_at(*item, path + "[" + std::to_string(i) + "]");
        return value;
    }
    if (cJSON_IsObject(&json)) {
        (void)value.begin(); // an empty struct, too, is a struct
        for (const cJSON *item = json.child; item != nullptr; item = item->next)
            value[std::string(item->string)] = param_at(*item, path + "." + item->string);
        return value;
    }
    throw std::invalid_argument(
        path + " is " + (cJSON_IsNull(&json) ? "null" : "not JSON") +
        "; a parameter is a bool, a number, a string, a list or a dictionary");
}

} // namespace

JsonPtr json_from_param(const XmlRpcValue &value)
{
    return json_at(value, 0);
}

XmlRpcValue param_from_json(const cJSON &json)
{
    return param_at(json, "$");
}

} // namespace rosc
