#include "engine/cli/standard_streams.h"

#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

namespace imglife {
namespace {

bool IsClosed(int stream) {
  return fcntl(stream, F_GETFD) == -1 && errno == EBADF;
}

}  // namespace

void OpenStandardStreams() {
  // In the order of their numbers: a new file gets the lowest that is free. Inherited by children,
  // as standard streams are.
  if (IsClosed(STDIN_FILENO)) open("/dev/null", O_RDONLY);
  if (IsClosed(STDOUT_FILENO)) open("/dev/null", O_RDONLY);
  // That messages are lost can be told to nobody.
  if (IsClosed(STDERR_FILENO)) open("/dev/null", O_WRONLY);
}

}  // namespace imglife
