// What tests run inside an image: writes its second argument to the file that its first one names.
#include <cstdio>

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  std::FILE* file = std::fopen(argv[1], "w");
  if (file == nullptr) return 1;
  const bool written = std::fputs(argv[2], file) >= 0;
  return std::fclose(file) == 0 && written ? 0 : 1;
}
