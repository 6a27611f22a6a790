#include <array>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/read_file.h"
#include "cli/cli.h"
#include "cli/docs.h"

// Used by the build: writes the man page and the completions. Arguments: the folder of the
// templates and the one to write to.
int main(int argc, char** argv) {
  namespace fs = std::filesystem;
  try {
    const fs::path templates =
        argc == 3 ? argv[1] : throw std::runtime_error("expected two folders");
    const fs::path out = argv[2];
    const auto commands = mnist::command_help();
    const std::array<std::pair<const char*, mnist::Parts>, 4> files{{
        {"mnist-train.1", mnist::man_page_parts(commands)},
        {"completion.bash", mnist::bash_parts(commands)},
        {"completion.zsh", mnist::zsh_parts(commands)},
        {"completion.fish", mnist::fish_parts(commands)},
    }};
    fs::create_directories(out);
    for (const auto& [name, parts] : files) {
      const fs::path source = templates / (std::string(name) + ".in");
      const auto [text, problem] = mnist::read_file(source);
      if (!problem.empty()) throw std::runtime_error(source.string() + ": " + problem);
      std::ofstream file(out / name, std::ios::binary);
      file << mnist::filled(text, parts) << std::flush;
      if (!file) throw std::runtime_error((out / name).string() + " could not be written");
    }
  } catch (const std::exception& error) {
    std::cerr << "mnist_docs: " << error.what() << "\n";
    return 1;
  }
  return 0;
}
