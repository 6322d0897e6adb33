#include "floor.h"

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

struct floor_text {
    std::string json;
    std::vector<int64_t> integers;
    std::vector<double> doubles;
    std::vector<float> floats;
    std::vector<char> out;
};

namespace
{

void take_number(floor_text &text, const std::string &number, bool singles)
{
    if (number.find_first_of(".e") == std::string::npos)
        text.integers.push_back(std::strtoll(number.c_str(), nullptr, 10));
    else if (singles)
        text.floats.push_back(std::strtof(number.c_str(), nullptr));
    else
        text.doubles.push_back(std::strtod(number.c_str(), nullptr));
}

template <typename Number> char *write_all(const std::vector<Number> &numbers, char *out)
{
    for (Number number : numbers)
        out = std::to_chars(out, out + 32, number).ptr;
    return out;
}

} // namespace

struct floor_text *floor_text_create(const char *json, size_t length, bool singles)
{
    auto *text = new floor_text;
    text->json.assign(json, length);
    bool in_string = false;
    for (size_t i = 0; i < length; i++) {
        if (in_string && json[i] == '\\')
            i++;
        else if (json[i] == '"')
            in_string = !in_string;
        else if (!in_string && (json[i] == '-' || (json[i] >= '0' && json[i] <= '9'))) {
            size_t end = text->json.find_first_not_of("-+.eE0123456789", i);
            take_number(*text, text->json.substr(i, end - i), singles);
            i = end - 1;
        }
    }
    size_t numbers = text->integers.size() + text->doubles.size() + text->floats.size();
    text->out.resize(length + 32 * (numbers + 1));
    return text;
}

void floor_text_destroy(struct floor_text *text)
{
    delete text;
}

size_t floor_text_write(struct floor_text *text)
{
    char *out = text->out.data();
    out = write_all(text->integers, out);
    out = write_all(text->doubles, out);
    out = write_all(text->floats, out);
    std::memcpy(text->out.data(), text->json.data(), text->json.size());
    /* What was written must be taken to matter. */
    asm volatile("" : : "r"(out), "r"(text->out.data()) : "memory");
    return text->json.size();
}
