// How deep the structures of a JSON text nest. The parser in use needs no stack for depth, but
// copying, comparing and writing its values do: texts from outside are asked first.
#pragma once

#include <string_view>

namespace imglife {

// Do objects and lists nest more than `levels` deep? For a text that isn't JSON the answer is
// right up to where a parser refuses it. Takes one pass and no memory.
bool NestsDeeperThan(int levels, std::string_view json);

}  // namespace imglife
