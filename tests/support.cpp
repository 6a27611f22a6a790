#include "support.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include "data/idx.h"
#include "mnist_train/shape.h"
#include "train/runtime.h"

namespace mnist::test {
namespace {

void write_split(const fs::path& dir, const std::string& prefix, int count) {
  std::string pixels;
  std::string labels;
  for (int i = 0; i < count; ++i) {
    const std::int64_t label = i % kDigits;
    std::string image(kPixels, '\0');
    for (int row = 0; row < 5; ++row) {
      image.replace((label / 5 * 10 + row) * kImageSide + label % 5 * 5, 5, 5, '\xf0');
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
  if (const char* const before = std::getenv(name)) before_ = before;
  set(value);
}

Environment::~Environment() { set(before_ ? before_->c_str() : nullptr); }

void Environment::set(const char* value) const {
  if (value == nullptr) {
    unsetenv(name_.c_str());
  } else {
    setenv(name_.c_str(), value, 1);
  }
}

void write_file(const fs::path& file, const std::string& content) {
  std::ofstream stream(file, std::ios::binary);
  stream << content;
  if (!stream.flush()) throw std::runtime_error("cannot write " + file.string());
}

std::string read_file(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
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

std::string error_of(ErrorKind kind, const std::string& bytes,
                     const std::function<void(const fs::path&)>& read) {
  const TempDir dir;
  write_file(dir / "file", bytes);
  const std::string message = error_of(kind, [&] { read(dir / "file"); });
  const std::string path = (dir / "file").string() + ": ";
  EXPECT_EQ(message.substr(0, path.size()), path);
  return message.substr(std::min(path.size(), message.size()));
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

pid_t start(const std::vector<std::string>& command, const std::array<int, 3>& streams,
            const std::vector<int>& ignored) {
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (const std::string& argument : command) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  const pid_t child = fork();
  setpgid(child, child);  // in both processes: it must have been done in whichever comes first
  if (child != 0) return child;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGXCPU, SIGUSR1, SIGUSR2}) {
    signal(number, SIG_DFL);  // whatever these tests were started by
  }
  for (const int number : ignored) signal(number, SIG_IGN);
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    dup2(streams[stream] >= 0 ? streams[stream] : null, stream);
  }
  execvp(arguments[0], arguments.data());
  _exit(127);
}

int wait_for(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

Outcome run(const std::vector<std::string>& command, const std::string& input) {
  const TempDir dir;
  write_file(dir / "in", input);
  std::array<int, 3> streams{};
  for (int i = 0; i < 3; ++i) {
    const fs::path file = dir / std::vector<std::string>{"in", "out", "err"}[i];
    streams[i] = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  }
  const int ended = wait_for(start(command, streams));
  for (const int stream : streams) close(stream);
  return {ended >= 0 ? ended : 128 - ended, read_file(dir / "out"), read_file(dir / "err")};
}

Outcome run_python(const std::string& script, const std::vector<std::string>& arguments) {
  std::vector<std::string> command{MNIST_TRAIN_PYTHON, source(script)};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return run(command);
}

Outcome run_program(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), MNIST_TRAIN_PROGRAM);
  return run(arguments);
}

fs::path source(const std::string& path) { return fs::path(MNIST_TRAIN_SOURCE_DIR) / path; }

fs::path sample_dir() { return source("data/sample"); }

fs::path real_data_dir() { return source("data/MNIST/raw"); }

}  // namespace mnist::test
