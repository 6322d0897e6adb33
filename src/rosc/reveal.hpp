// The way to roscpp's private members, where it has no public one. Explicit instantiation may name
// them; should roscpp ever rename one, this does not compile.
//
// ROSC_REVEAL(Key, type, owner, member), in an anonymous namespace in rosc; then
// object.*reveal(Key()).
#ifndef ROSC_REVEAL_HPP
#define ROSC_REVEAL_HPP

namespace rosc
{
namespace
{

template <typename Key, typename Key::Member Pointer> struct Reveal {
    friend typename Key::Member reveal(Key)
    {
        return Pointer;
    }
};

} // namespace
} // namespace rosc

#define ROSC_REVEAL(key, type, owner, member)                                                      \
    struct key {                                                                                   \
        using Member = type owner::*;                                                              \
        friend Member reveal(key);                                                                 \
    };                                                                                             \
    template struct Reveal<key, &owner::member>

#endif
