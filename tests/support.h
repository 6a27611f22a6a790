// What tests have in common, GoogleTest included.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/types.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "mnist_train/error.h"
#include "picture/gray_image.h"

namespace mnist {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

}  // namespace mnist

namespace mnist::test {

/// A new empty directory that is removed at the end.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const fs::path& path() const { return path_; }
  fs::path operator/(const std::string& name) const { return path_ / name; }

 private:
  fs::path path_;
};

/// Sets an environment variable, and back at the end; null unsets it.
class Environment {
 public:
  Environment(const char* name, const char* value);
  ~Environment();
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  void set(const char* value) const;

  std::string name_;
  std::optional<std::string> before_;
};

void write_file(const fs::path& file, const std::string& content);
std::string read_file(const fs::path& file);

/// The message, of one line, of the Error of this kind that `action` throws.
std::string error_of(ErrorKind kind, const std::function<void()>& action);

/// What is wrong with a file of these bytes: the message, after its path, of such an Error.
std::string error_of(ErrorKind kind, const std::string& bytes,
                     const std::function<void(const fs::path&)>& read);

/// The four bytes of a number as IDX files have it.
std::string big_endian(std::uint32_t number);

/// The bytes of an IDX file of images of 28 x 28 or of labels, whose header claims `count` items.
std::string idx_images(std::uint32_t count, const std::string& pixels);
std::string idx_labels(std::uint32_t count, const std::string& labels);

/// The first `count` images of an IDX file.
std::vector<GrayImage> read_images(const fs::path& file, std::int64_t count);

/// Writes the four files of a data set with `train` and `test` images; the image at i shows a
/// bright square at a place that depends on its label, i % 10.
void write_data_set(const fs::path& dir, int train, int test);

/// Starts a program with its arguments, without a shell in between, in a process group of its own,
/// as a shell does. It ends with these tests, however they end. Its streams are these, /dev/null
/// for -1, and it ignores these signals.
pid_t start(const std::vector<std::string>& command, const std::array<int, 3>& streams,
            const std::vector<int>& ignored = {});

/// Its exit code, or the signal that has ended it, below zero.
int wait_for(pid_t child);

struct Outcome {
  int exit_code;
  std::string out;
  std::string err;
};

/// Starts a program and waits for it. `input` is what it reads on standard input.
Outcome run(const std::vector<std::string>& command, const std::string& input = "");

/// Runs a script of this repository by Python.
Outcome run_python(const std::string& script, const std::vector<std::string>& arguments);

/// Runs the built mnist-train.
Outcome run_program(std::vector<std::string> arguments);

fs::path source(const std::string& path);  ///< a file of this repository
fs::path sample_dir();                     ///< data/sample
fs::path real_data_dir();                  ///< data/MNIST/raw, which the tests labelled `real` need

}  // namespace mnist::test
