// The three streams that every program expects to be open.
#pragma once

namespace imglife {

// A stream that the caller has closed (`imglife plan >&-`) is opened on /dev/null, and so that what
// is written to stdout fails: else the next file or connection gets its number, and what is
// printed. Before anything else is opened.
void OpenStandardStreams();

}  // namespace imglife
