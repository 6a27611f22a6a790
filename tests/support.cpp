#include "support.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "data/idx.h"
#include "mnist_train/shape.h"
#include "train/runtime.h"

namespace mnist::test {
namespace {

namespace fs = std::filesystem;

void write_split(const fs::path& dir, const std::string& prefix, int count) {
  std::string pixels;
  std::string labels;
  for (int i = 0; i < count; ++i) {
    const std::int64_t label = i % kDigits;
    std::string image(kPixels, '\0');
    for (int row = 0; row < 5; ++row) {
      for (int column = 0; column < 5; ++column) {
        image.at((label / 5 * 10 + row) * kImageSide + label % 5 * 5 + column) = '\xf0';
      }
    }
    pixels += image;
    labels += static_cast<char>(label);
  }
  write_file(dir / (prefix + "-images-idx3-ubyte"), idx_images(count, pixels));
  write_file(dir / (prefix + "-labels-idx1-ubyte"), idx_labels(count, labels));
}

/// One thread for all tests: more are no faster for such small work, and ctest runs several at
/// once.
class OneThread : public testing::Environment {
 public:
  void SetUp() override { set_threads(1); }
};
const auto* const kOneThread = testing::AddGlobalTestEnvironment(new OneThread);

void redirect(int descriptor, const fs::path& file, int mode) {
  const int opened = open(file.c_str(), mode, 0600);
  dup2(opened, descriptor);
  close(opened);
}

}  // namespace

TempDir::TempDir() {
  std::string name = (fs::temp_directory_path() / "mnist-test-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
  path_ = name;
}

TempDir::~TempDir() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

Environment::Environment(const char* name, const char* value) : name_(name) {
  const char* before = std::getenv(name);
  was_set_ = before != nullptr;
  if (was_set_) before_ = before;
  if (value == nullptr) {
    unsetenv(name);
  } else {
    setenv(name, value, 1);
  }
}

Environment::~Environment() {
  if (was_set_) {
    setenv(name_.c_str(), before_.c_str(), 1);
  } else {
    unsetenv(name_.c_str());
  }
}

void write_file(const fs::path& file, const std::string& content) {
  std::ofstream stream(file, std::ios::binary);
  stream << content;
  if (!stream.flush()) throw std::runtime_error("cannot write " + file.string());
}

std::string read_file(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream content;
  content << stream.rdbuf();
  return content.str();
}

std::string error_of(ErrorKind kind, const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return "no error";
}

std::string big_endian(std::uint32_t number) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift & 0xff);
  return bytes;
}

std::string idx_images(std::uint32_t count, const std::string& pixels) {
  return big_endian(0x803) + big_endian(count) + big_endian(28) + big_endian(28) + pixels;
}

std::string idx_labels(std::uint32_t count, const std::string& labels) {
  return big_endian(0x801) + big_endian(count) + labels;
}

std::vector<GrayImage> read_images(const fs::path& file, std::int64_t count) {
  const std::vector<std::uint8_t> pixels = read_idx_images(file, count);
  std::vector<GrayImage> images;
  for (auto from = pixels.begin(); from != pixels.end(); from += kPixels) {
    images.emplace_back(kImageSide, kImageSide);
    std::copy_n(from, kPixels, images.back().pixels.begin());
  }
  return images;
}

void write_data_set(const fs::path& dir, int train, int test) {
  fs::create_directories(dir);
  write_split(dir, "train", train);
  write_split(dir, "t10k", test);
}

Outcome run(const std::vector<std::string>& command, const std::string& input) {
  const TempDir dir;
  write_file(dir / "in", input);
  const pid_t child = fork();
  if (child == 0) {
    redirect(STDIN_FILENO, dir / "in", O_RDONLY);
    redirect(STDOUT_FILENO, dir / "out", O_WRONLY | O_CREAT);
    redirect(STDERR_FILENO, dir / "err", O_WRONLY | O_CREAT);
    std::vector<char*> arguments;
    arguments.reserve(command.size() + 1);
    for (const std::string& argument : command) {
      arguments.push_back(const_cast<char*>(argument.c_str()));
    }
    arguments.push_back(nullptr);
    execvp(arguments[0], arguments.data());
    _exit(127);
  }
  int status = 0;
  waitpid(child, &status, 0);
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return {code, read_file(dir / "out"), read_file(dir / "err")};
}

Outcome run_program(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), MNIST_TRAIN_PROGRAM);
  return run(arguments);
}

fs::path sample_dir() { return fs::path(MNIST_TRAIN_SOURCE_DIR) / "data" / "sample"; }

fs::path real_data_dir() { return fs::path(MNIST_TRAIN_SOURCE_DIR) / "data" / "MNIST" / "raw"; }

}  // namespace mnist::test
