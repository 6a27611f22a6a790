#include "data/data_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mnist_train/error.h"
#include "support.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;
using test::Environment;
using testing::AllOf;
using testing::HasSubstr;

/// Runs in an empty folder, with no data in any of the default places.
class DataFiles : public testing::Test {
 protected:
  DataFiles() : before_(fs::current_path()) { fs::current_path(dir_.path()); }
  ~DataFiles() override { fs::current_path(before_); }

  static std::string error_of(const std::string& requested) {
    try {
      const fs::path found = find_data_dir(requested);
      ADD_FAILURE() << "found " << found;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kData);
      return error.what();
    }
    return "";
  }

  test::TempDir dir_;
  fs::path before_;
  Environment data_dir_{"MNIST_DATA_DIR", nullptr};
  Environment data_home_{"XDG_DATA_HOME", (dir_ / "home").c_str()};
};

TEST_F(DataFiles, TakesTheFolderItselfOrATorchvisionRootAboveIt) {
  for (const std::string folder :
       {"set", "root/MNIST/raw", "MNIST/raw", "other/FashionMNIST/raw"}) {
    test::write_data_set(dir_ / folder, 1, 1);
  }
  EXPECT_EQ(find_data_dir("set"), dir_ / "set");
  EXPECT_EQ(find_data_dir("root"), dir_ / "root/MNIST/raw");
  EXPECT_EQ(find_data_dir("MNIST"), dir_ / "MNIST/raw");
  EXPECT_EQ(find_data_dir("other"), dir_ / "other/FashionMNIST/raw");
}

TEST_F(DataFiles, LooksInTheDefaultPlacesInTheirOrder) {
  test::write_data_set(dir_ / "home/mnist", 1, 1);
  EXPECT_EQ(find_data_dir(""), dir_ / "home/mnist");
  test::write_data_set(dir_ / "data/MNIST/raw", 1, 1);
  EXPECT_EQ(find_data_dir(""), dir_ / "data/MNIST/raw");
  test::write_data_set(dir_ / "named", 1, 1);
  const Environment named("MNIST_DATA_DIR", "named");
  EXPECT_EQ(find_data_dir(""), dir_ / "named");
  EXPECT_EQ(find_data_dir("data"), dir_ / "data/MNIST/raw");
}

TEST_F(DataFiles, TakesFashionMnistOnlyWhereTheUserPointsAtIt) {
  test::write_data_set(dir_ / "data/FashionMNIST/raw", 1, 1);
  EXPECT_THAT(error_of(""), HasSubstr("no MNIST data found"));
  EXPECT_EQ(find_data_dir("data"), dir_ / "data/FashionMNIST/raw");
}

TEST_F(DataFiles, NamesEveryPlaceTriedAndTheCommandThatFetches) {
  fs::create_directory("data");
  EXPECT_THAT(error_of(""), AllOf(HasSubstr((dir_ / "data").string() + ", "),
                                  HasSubstr((dir_ / "home/mnist").string() + " (no such folder)"),
                                  HasSubstr("scripts/fetch_mnist.sh")));
}

TEST_F(DataFiles, DoesNotLookElsewhereIfAPlaceWasNamed) {
  test::write_data_set(dir_ / "data", 1, 1);
  EXPECT_THAT(error_of("wrong"), HasSubstr((dir_ / "wrong").string() + " (no such folder)"));
  const Environment wrong("MNIST_DATA_DIR", "wrong");
  EXPECT_THAT(error_of(""), HasSubstr((dir_ / "wrong").string() + " (no such folder)"));
}

TEST_F(DataFiles, AcceptsNamesWithADot) {
  test::write_data_set(dir_.path(), 1, 1);
  fs::rename("train-images-idx3-ubyte", "train-images.idx3-ubyte");
  const SplitFiles files = find_split_files(dir_.path(), Split::kTrain);
  EXPECT_EQ(files.images, dir_ / "train-images.idx3-ubyte");
  EXPECT_EQ(files.labels, dir_ / "train-labels-idx1-ubyte");
}

TEST_F(DataFiles, SaysHowToUnpackAFileLeftPacked) {
  test::write_data_set(dir_.path(), 1, 1);
  fs::rename("t10k-labels-idx1-ubyte", "t10k-labels-idx1-ubyte.gz");
  try {
    find_split_files(dir_.path(), Split::kTest);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(),
                HasSubstr("gunzip -k '" + (dir_ / "t10k-labels-idx1-ubyte.gz").string()));
  }
}

TEST_F(DataFiles, NamesTheFileThatIsMissing) {
  test::write_data_set(dir_.path(), 1, 1);
  fs::remove("t10k-images-idx3-ubyte");
  try {
    find_split_files(dir_.path(), Split::kTest);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr((dir_ / "t10k-images-idx3-ubyte: no such file").string()));
  }
}

}  // namespace
}  // namespace mnist
