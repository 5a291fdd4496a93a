package distribution_test

import (
	"errors"
	"fmt"

	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/model/distribution"
)

func ExampleTagList() {
	list, problems := model.Load[distribution.TagList]([]byte(`{"name": "library/web", "tags": ["v1", "not a tag"]}`), model.Limits{})
	fmt.Println(list.Name, list.Tags, problems.Err())
	fmt.Println(list.Validate())
	// Output:
	// library/web [v1 not a tag] <nil>
	// /tags/1: no tag: "not a tag"
}

func ExampleErrorResponse() {
	fetch := func() error {
		response, problems := model.Load[distribution.ErrorResponse]([]byte(`{"errors": [
			{"code": "NAME_UNKNOWN", "message": "no such repository", "detail": {"name": "web"}},
			{"code": "DENIED"}
		]}`), model.Limits{})
		if err := problems.Err(); err != nil {
			return err
		}
		return response
	}
	err := fetch()
	fmt.Println(err)
	if response, ok := errors.AsType[*distribution.ErrorResponse](err); ok {
		fmt.Println(response.Errors[0].Code, string(response.Errors[0].Detail))
	}
	// Output:
	// NAME_UNKNOWN: "no such repository"; DENIED
	// NAME_UNKNOWN {"name": "web"}
}
