// What the tests of the transport ask for.
#pragma once

#include <string>

#include "providers/transport.h"

namespace imglife {

inline HttpRequest Get(const std::string& url) {
  HttpRequest request;
  request.url = url;
  return request;
}

}  // namespace imglife
