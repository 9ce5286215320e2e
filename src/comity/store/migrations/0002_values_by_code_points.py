from django.db import migrations

import comity.store.summaries


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="subject",
            name="value",
            field=comity.store.summaries.Spelled(max_length=200),
        ),
    ]
